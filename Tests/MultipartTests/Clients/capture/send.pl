# Sends the form by the Perl client that is named first; then come the URL and the file.

use strict;
use warnings;
use utf8;
use Encode qw(encode_utf8 decode_utf8);
use File::Basename;

my ($client, $url, $file) = @ARGV;
my $type = 'audio/webm;codecs=opus';
my $name = basename($file);
my @fields = (duration => '12', topic => encode_utf8("one\ntwo é"), language => 'pt_BR');
open my $handle, '<:raw', $file or die;
my $bytes = do { local $/; <$handle> };

if ($client eq 'lwp') {
  require LWP::UserAgent;
  require HTTP::Request::Common;
  my @audio = (audio => [undef, $name, 'Content-Type' => $type, Content => $bytes]);
  LWP::UserAgent->new->request(HTTP::Request::Common::POST(
    $url, Content_Type => 'form-data', Content => [@audio, @fields]));
  print "$LWP::UserAgent::VERSION (HTTP::Request::Common $HTTP::Request::Common::VERSION)\n";
} elsif ($client eq 'mojo') {
  require Mojo::UserAgent;
  my $audio = {content => $bytes, filename => decode_utf8($name), 'Content-Type' => $type};
  my %fields = (@fields, audio => $audio, topic => "one\ntwo é");
  Mojo::UserAgent->new->post($url => form => \%fields);
  require Mojolicious;
  print Mojolicious->VERSION, "\n";
} elsif ($client eq 'http-tiny-multipart') {
  require HTTP::Tiny;
  require HTTP::Tiny::Multipart;
  (my $unquoted = $name) =~ tr/"//d;    # it writes a quote in a name as it is
  my $audio = {filename => $unquoted, content => $bytes, content_type => $type};
  HTTP::Tiny->new->post_multipart($url, [audio => $audio, @fields]);
  print "$HTTP::Tiny::Multipart::VERSION\n";
}
