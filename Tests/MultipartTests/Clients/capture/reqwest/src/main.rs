// Sends the form by reqwest: the client's name (one there is), the URL and the file.

use reqwest::blocking::multipart::{Form, Part};
use reqwest::blocking::Client;
use std::{env, fs, path::Path};

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let file = Path::new(&arguments[3]);
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let audio = Part::bytes(fs::read(file).unwrap())
        .file_name(name)
        .mime_str("audio/webm;codecs=opus")
        .unwrap();
    let form = Form::new()
        .part("audio", audio)
        .text("duration", "12")
        .text("topic", "one\ntwo é")
        .text("language", "pt_BR");
    Client::new().post(&arguments[2]).multipart(form).send().unwrap();
}
